open Shop

let () = print_int (Page.depth (Page.Boxes [ Page.Boxed Page.Text ]))
