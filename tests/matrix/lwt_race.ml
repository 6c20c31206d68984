(* packages: lwt *)
(* Promises without a main loop. *)

let rec sum seen stream =
  let open Lwt.Syntax in
  let* next = Lwt_stream.get stream in
  match next with None -> Lwt.return seen | Some n -> sum (seen + n) stream

let () =
  let stream, push = Lwt_stream.create () in
  let result = Lwt.catch (fun () -> sum 0 stream) (fun _ -> Lwt.return (-1)) in
  List.iter (fun n -> push (Some n)) [ 1; 2; 3 ];
  push None;
  match Lwt.state result with
  | Lwt.Return n -> print_endline (string_of_int n)
  | Lwt.Sleep -> print_endline "still waiting"
  | Lwt.Fail error -> raise error
