; What a file refers to: every path, by name space. Puns, operators and indices are left out: they have no path node.
; For readers and the editor; the facts come from the walk, and a test holds these captures against it.

; --- paths that are their own kind of node

; M.x
(value_path) @reference.value
; M.C
(constructor_path) @reference.constructor
; r.M.f
(field_path) @reference.field
; M.t, F(X).t
(type_constructor_path) @reference.type
; M.S
(module_type_path) @reference.module_type
; new M.c, inherit M.c
(class_path) @reference.class
; #M.c
(class_type_path) @reference.class_type

; --- modules: a path is a reference where it is not part of another

; open M
(open_module module: (module_path) @reference.module)
; open M in a signature
(open_module_signature module: (extended_module_path) @reference.module)
; include M
(include_module module: (module_path) @reference.module)
; module X = M
(module_binding body: (module_path) @reference.module)
; module X := M
(module_binding body: (extended_module_path) @reference.module)
; M (X)
(module_application functor: (module_path) @reference.module)
; F (M)
(parenthesized_module_expression (module_path) @reference.module)
; (M : S)
(typed_module_expression module: (module_path) @reference.module)
; functor (X : S) -> M
(functor body: (module_path) @reference.module)
; (module M : S)
(package_expression module: (module_path) @reference.module)
; module type of M
(module_type_of module: (module_path) @reference.module)
; S with module N = M
(constrain_module constraint: (extended_module_path) @reference.module)
; M.(e), M.(p), M.(t)
(local_open_expression (module_path) @reference.module)
(local_open_pattern (module_path) @reference.module)
(local_open_type (extended_module_path) @reference.module)
; F(M).t
(extended_module_path (extended_module_path) (extended_module_path) @reference.module)

; --- no references, though they look like it

; S with type t = .., S with module type T = ..
(constrain_type . (type_constructor_path) @constrained)
(constrain_type (type_variable) . (type_constructor_path) @constrained)
(constrain_module_type . (module_type_path) @constrained)
; new%js M.c: a value, and no class
(new_expression (attribute_id) (class_path) @constrained @reference.value)
; [@x ..], [@@x ..], [@@@x ..]
(attribute) @attribute
(item_attribute) @attribute
(floating_attribute) @attribute
; #install_printer M.pp
(toplevel_directive) @attribute
