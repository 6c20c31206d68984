let () = print_int (Places.Marks.Get.sum (`Node [ `Leaf 3; `Leaf 4 ]))
