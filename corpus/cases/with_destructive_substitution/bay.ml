module type S = sig type t module Label : sig val text : string end val hold : t -> unit end
