(* packages: ptime *)
(* Dates, spans and RFC 3339. *)

let () =
  match Ptime.of_rfc3339 "2024-02-28T23:30:00Z" with
  | Error _ -> prerr_endline "no date"
  | Ok (time, _, _) -> (
      match Ptime.add_span time (Ptime.Span.of_int_s 3600) with
      | None -> prerr_endline "out of range"
      | Some later ->
          let (year, month, day), _ = Ptime.to_date_time later in
          Printf.printf "%04d-%02d-%02d\n%s\n" year month day (Ptime.to_rfc3339 later))
