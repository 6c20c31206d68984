; Module aliases: the lines of a facade.
; For the rules that look for facades, and for readers; a test holds these captures against the walk.

; --- aliases that are only names

; module A = B.C
(module_binding . (module_name) @name . body: (module_path) @alias)

; --- aliases that a signature makes fields

; module A : S = B.C
(module_binding . (module_name) @name module_type: (_) body: (module_path) @alias.sealed)
