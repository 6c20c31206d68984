include Stock_intf.Intf
