module M : sig
  val one : int
end = (
  struct
    module Part = Tally

    let one = 1
  end :
    sig
      module Part : sig
        val add : int -> int
      end

      val one : int
    end)
