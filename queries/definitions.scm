; What a file defines: the name of every definition, at any depth, local modules and exceptions included.
; For readers and the editor; the facts come from the walk, and a test holds these captures against it.

; --- values

; let x = ..
(let_binding pattern: (value_name) @definition.value)
; let ( + ) = ..
(let_binding pattern: (parenthesized_operator) @definition.value)
; val x : t
(value_specification [(value_name) (parenthesized_operator)] @definition.value)
; external x : t = "prim"
(external [(value_name) (parenthesized_operator)] @definition.value)

; --- types and exceptions

; type t = ..
(type_binding name: (type_constructor) @definition.type)
; type t = A | B
(type_binding body: (variant_declaration (constructor_declaration (constructor_name) @definition.constructor)))
; type t = { f : t }
(type_binding body: (record_declaration (field_declaration (field_name) @definition.field)))
; exception E
(exception_definition (constructor_declaration (constructor_name) @definition.exception))

; --- modules

; module X = .., module X : S, module X := P
(module_binding (module_name) @definition.module)
; module type S = ..
(module_type_definition (module_type_name) @definition.module_type)

; --- classes

; class c = ..
(class_binding (class_name) @definition.class)
; class type c = ..
(class_type_binding (class_type_name) @definition.class)
