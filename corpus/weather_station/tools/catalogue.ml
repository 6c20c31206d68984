(* The units that the tool knows, with how they are written. *)

type unit_ = { name : string; symbol : string; also : string list; quantity : Quantity.t }

let units =
  [
    { name = "celsius"; symbol = "C"; also = [ "centigrade" ]; quantity = Temperature };
    { name = "fahrenheit"; symbol = "F"; also = []; quantity = Temperature };
    { name = "kelvin"; symbol = "K"; also = []; quantity = Temperature };
    { name = "metres per second"; symbol = "m/s"; also = [ "mps" ]; quantity = Speed };
    { name = "knots"; symbol = "kt"; also = [ "kn" ]; quantity = Speed };
    { name = "kilometres per hour"; symbol = "km/h"; also = [ "kmh" ]; quantity = Speed };
    { name = "hectopascals"; symbol = "hPa"; also = [ "mbar" ]; quantity = Pressure };
    { name = "inches of mercury"; symbol = "inHg"; also = []; quantity = Pressure };
    { name = "millimetres of mercury"; symbol = "mmHg"; also = [ "torr" ]; quantity = Pressure };
  ]

let find text = List.find_opt (fun unit -> List.exists (String.equal text) (unit.name :: unit.symbol :: unit.also)) units
