let () = print_string (Places.Marks.Get.text ("left", Places.Marks.Get.place ((), 3)))
