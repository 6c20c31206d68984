(* packages: lwt_ppx lwt *)
let bind x = let%lwt y = x in Lwt.return (y + 1)
let both x y = let%lwt a = x and b = y in Lwt.return (a + b)
let choose x = match%lwt x with 0 -> Lwt.return_unit | exception Not_found -> Lwt.return_unit | _ -> Lwt.return_unit
let guard f = try%lwt f () with Not_found -> Lwt.return_unit
let ensure f = (f ()) [%lwt.finally Lwt.return_unit]
let test c = if%lwt c then Lwt.return_unit
let loop () = for%lwt i = 1 to 3 do ignore i; Lwt.return_unit done
let wait c = while%lwt c () do Lwt.return_unit done
let check c = assert%lwt c
let caught f = try%lwt f () with Not_found -> Lwt.return_unit | _ -> Lwt.return_unit
let down () = for%lwt i = 3 downto 1 do ignore i; Lwt.return_unit done
let either c = if%lwt c then Lwt.return 1 else Lwt.return 2
let after a b = a;%lwt b
let always f = (f ()) [%finally Lwt.return_unit]
let matched x = match%lwt x with 0 -> Lwt.return_unit | exception _ -> Lwt.return_unit | _ -> Lwt.return_unit
