; Where names are bound and where they end.
; For readers and the editor; the facts come from the walk, and a test holds these captures against it.

; --- structures

(compilation_unit) @scope
; struct .. end, sig .. end
(structure) @scope
(signature) @scope
; [%x let y = ..]
(attribute_payload) @scope

; --- expressions

; let p = e in ..
(let_expression) @scope
; f p = ..
(let_binding) @scope
; fun p -> ..
(fun_expression) @scope
; p when e -> ..
(match_case) @scope
; for i = .. do .. done
(for_expression) @scope
; M.(..)
(local_open_expression) @scope
(local_open_pattern) @scope
(local_open_type) @scope

; --- modules

; module F (X : S) = ..
(module_binding) @scope
; functor (X : S) -> ..
(functor) @scope
; functor (X : S) -> T
(functor_type) @scope

; --- classes

(class_binding) @scope
(class_function) @scope
(object_expression) @scope
(method_definition) @scope
(let_class_expression) @scope
(let_open_class_expression) @scope
(let_open_class_type) @scope
