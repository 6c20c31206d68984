type t = { code : string; unit_name : string; digits : int }

let all =
  [
    { code = "AED"; unit_name = "dirham"; digits = 2 };
    { code = "AFN"; unit_name = "afghani"; digits = 2 };
    { code = "ALL"; unit_name = "lek"; digits = 2 };
    { code = "AMD"; unit_name = "dram"; digits = 2 };
    { code = "ARS"; unit_name = "peso"; digits = 2 };
    { code = "AUD"; unit_name = "dollar"; digits = 2 };
    { code = "AZN"; unit_name = "manat"; digits = 2 };
    { code = "BAM"; unit_name = "mark"; digits = 2 };
    { code = "BDT"; unit_name = "taka"; digits = 2 };
    { code = "BGN"; unit_name = "lev"; digits = 2 };
    { code = "BHD"; unit_name = "dinar"; digits = 3 };
    { code = "BIF"; unit_name = "franc"; digits = 0 };
    { code = "BND"; unit_name = "dollar"; digits = 2 };
    { code = "BOB"; unit_name = "boliviano"; digits = 2 };
    { code = "BRL"; unit_name = "real"; digits = 2 };
    { code = "BWP"; unit_name = "pula"; digits = 2 };
    { code = "BYN"; unit_name = "rouble"; digits = 2 };
    { code = "CAD"; unit_name = "dollar"; digits = 2 };
    { code = "CDF"; unit_name = "franc"; digits = 2 };
    { code = "CHF"; unit_name = "franc"; digits = 2 };
    { code = "CLP"; unit_name = "peso"; digits = 0 };
    { code = "CNY"; unit_name = "yuan"; digits = 2 };
    { code = "COP"; unit_name = "peso"; digits = 2 };
    { code = "CRC"; unit_name = "colon"; digits = 2 };
    { code = "CUP"; unit_name = "peso"; digits = 2 };
    { code = "CZK"; unit_name = "koruna"; digits = 2 };
    { code = "DJF"; unit_name = "franc"; digits = 0 };
    { code = "DKK"; unit_name = "krone"; digits = 2 };
    { code = "DOP"; unit_name = "peso"; digits = 2 };
    { code = "DZD"; unit_name = "dinar"; digits = 2 };
    { code = "EGP"; unit_name = "pound"; digits = 2 };
    { code = "ERN"; unit_name = "nakfa"; digits = 2 };
    { code = "ETB"; unit_name = "birr"; digits = 2 };
    { code = "EUR"; unit_name = "euro"; digits = 2 };
    { code = "FJD"; unit_name = "dollar"; digits = 2 };
    { code = "GBP"; unit_name = "pound"; digits = 2 };
    { code = "GEL"; unit_name = "lari"; digits = 2 };
    { code = "GHS"; unit_name = "cedi"; digits = 2 };
    { code = "GMD"; unit_name = "dalasi"; digits = 2 };
    { code = "GNF"; unit_name = "franc"; digits = 0 };
    { code = "GTQ"; unit_name = "quetzal"; digits = 2 };
    { code = "GYD"; unit_name = "dollar"; digits = 2 };
    { code = "HKD"; unit_name = "dollar"; digits = 2 };
    { code = "HNL"; unit_name = "lempira"; digits = 2 };
    { code = "HTG"; unit_name = "gourde"; digits = 2 };
    { code = "HUF"; unit_name = "forint"; digits = 2 };
    { code = "IDR"; unit_name = "rupiah"; digits = 2 };
    { code = "ILS"; unit_name = "shekel"; digits = 2 };
    { code = "INR"; unit_name = "rupee"; digits = 2 };
    { code = "IQD"; unit_name = "dinar"; digits = 3 };
    { code = "IRR"; unit_name = "rial"; digits = 2 };
    { code = "ISK"; unit_name = "krona"; digits = 0 };
    { code = "JMD"; unit_name = "dollar"; digits = 2 };
    { code = "JOD"; unit_name = "dinar"; digits = 3 };
    { code = "JPY"; unit_name = "yen"; digits = 0 };
    { code = "KES"; unit_name = "shilling"; digits = 2 };
    { code = "KGS"; unit_name = "som"; digits = 2 };
    { code = "KHR"; unit_name = "riel"; digits = 2 };
    { code = "KRW"; unit_name = "won"; digits = 0 };
    { code = "KWD"; unit_name = "dinar"; digits = 3 };
    { code = "KZT"; unit_name = "tenge"; digits = 2 };
    { code = "LAK"; unit_name = "kip"; digits = 2 };
    { code = "LBP"; unit_name = "pound"; digits = 2 };
    { code = "LKR"; unit_name = "rupee"; digits = 2 };
    { code = "LYD"; unit_name = "dinar"; digits = 3 };
    { code = "MAD"; unit_name = "dirham"; digits = 2 };
    { code = "MDL"; unit_name = "leu"; digits = 2 };
    { code = "MGA"; unit_name = "ariary"; digits = 2 };
    { code = "MKD"; unit_name = "denar"; digits = 2 };
    { code = "MMK"; unit_name = "kyat"; digits = 2 };
    { code = "MNT"; unit_name = "tugrik"; digits = 2 };
    { code = "MXN"; unit_name = "peso"; digits = 2 };
    { code = "MYR"; unit_name = "ringgit"; digits = 2 };
    { code = "MZN"; unit_name = "metical"; digits = 2 };
    { code = "NAD"; unit_name = "dollar"; digits = 2 };
    { code = "NGN"; unit_name = "naira"; digits = 2 };
    { code = "NIO"; unit_name = "cordoba"; digits = 2 };
    { code = "NOK"; unit_name = "krone"; digits = 2 };
    { code = "NPR"; unit_name = "rupee"; digits = 2 };
    { code = "NZD"; unit_name = "dollar"; digits = 2 };
    { code = "OMR"; unit_name = "rial"; digits = 3 };
    { code = "PAB"; unit_name = "balboa"; digits = 2 };
    { code = "PEN"; unit_name = "sol"; digits = 2 };
    { code = "PHP"; unit_name = "peso"; digits = 2 };
    { code = "PKR"; unit_name = "rupee"; digits = 2 };
    { code = "PLN"; unit_name = "zloty"; digits = 2 };
    { code = "PYG"; unit_name = "guarani"; digits = 0 };
    { code = "QAR"; unit_name = "rial"; digits = 2 };
    { code = "RON"; unit_name = "leu"; digits = 2 };
    { code = "RSD"; unit_name = "dinar"; digits = 2 };
    { code = "RWF"; unit_name = "franc"; digits = 0 };
    { code = "SAR"; unit_name = "riyal"; digits = 2 };
    { code = "SEK"; unit_name = "krona"; digits = 2 };
    { code = "SGD"; unit_name = "dollar"; digits = 2 };
    { code = "THB"; unit_name = "baht"; digits = 2 };
    { code = "TND"; unit_name = "dinar"; digits = 3 };
    { code = "TRY"; unit_name = "lira"; digits = 2 };
    { code = "TZS"; unit_name = "shilling"; digits = 2 };
    { code = "UAH"; unit_name = "hryvnia"; digits = 2 };
    { code = "UGX"; unit_name = "shilling"; digits = 0 };
    { code = "USD"; unit_name = "dollar"; digits = 2 };
    { code = "UYU"; unit_name = "peso"; digits = 2 };
    { code = "UZS"; unit_name = "sum"; digits = 2 };
    { code = "VND"; unit_name = "dong"; digits = 0 };
    { code = "ZAR"; unit_name = "rand"; digits = 2 };
    { code = "ZMW"; unit_name = "kwacha"; digits = 2 };
  ]

let code currency = currency.code
let unit_name currency = currency.unit_name
let digits currency = currency.digits
let of_code code = List.find_opt (fun currency -> String.equal currency.code code) all

let rec power n = if n = 0 then 1 else 10 * power (n - 1)

let show currency amount =
  let whole = power currency.digits in
  if currency.digits = 0 then Printf.sprintf "%d %s" amount currency.code
  else Printf.sprintf "%d.%0*d %s" (amount / whole) currency.digits (abs (amount mod whole)) currency.code
