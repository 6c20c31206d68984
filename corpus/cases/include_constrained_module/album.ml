include (Song : sig val verse : int module Tune : sig val key : int end end)
