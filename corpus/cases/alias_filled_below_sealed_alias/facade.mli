val two : int

module Parts : sig
  module Sum : sig
    val add : int -> int
  end

  val one : int
end
