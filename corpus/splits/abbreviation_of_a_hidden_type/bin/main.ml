let () = List.iter print_int (Asn.OID.to_list (Asn.OID.append (Asn.OID.make 1 2) 840))
