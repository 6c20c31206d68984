module Count = Fac_count
module Show = Fac_show
