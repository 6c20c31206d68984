module Countries = Countries
module Currencies = Currencies
module Elements = Elements
module Zones = Zones
