include (
  struct
    module Part = Tally
  end :
    sig
      module Part : sig
        val add : int -> int
      end
    end)
