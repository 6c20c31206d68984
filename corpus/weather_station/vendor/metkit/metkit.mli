(** Meteorology for programs that observe, report and forecast. *)

(** Temperature and moisture of the air. *)
module Thermo : sig
  type celsius = float
  val to_kelvin : float -> float
  val of_kelvin : float -> float
  val to_fahrenheit : float -> float
  val of_fahrenheit : float -> float
  val to_rankine : float -> float
  val saturation_over_water : float -> float
  val saturation_over_ice : float -> float
  val saturation : float -> float
  val vapour_pressure : humidity:float -> float -> float
  val dew_point : humidity:float -> float -> float
  val humidity_of_dew_point : dew_point:float -> float -> float
  val mixing_ratio : pressure:float -> humidity:float -> float -> float
  val absolute_humidity : humidity:float -> float -> float
  val virtual_temperature : pressure:float -> humidity:float -> float -> float
  val potential_temperature : pressure:float -> float -> float
  val wet_bulb : humidity:float -> float -> float
  val condensation_level : humidity:float -> float -> float
  val wind_chill : wind:float -> float -> float
  val heat_index : humidity:float -> float -> float
  val apparent : wind:float -> humidity:float -> float -> float
  type comfort = Freezing | Cold | Cool | Pleasant | Warm | Hot | Dangerous
  val comfort : wind:float -> humidity:float -> float -> comfort
  val comfort_name : comfort -> string
  val heating_degree_days : ?base:float -> low:float -> float -> float
  val cooling_degree_days : ?base:float -> low:float -> float -> float
  val growing_degree_days :
    ?base:float -> ?cap:float -> low:float -> float -> float
  val is_frost : low:float -> bool
  val is_summer_day : high:float -> bool
  val is_tropical_night : low:float -> bool
end

(** Wind: speeds, directions, forces and roses. *)
module Wind : sig
  type t = { speed : float; from : float; gust : float option; }
  val calm : t
  val make : ?gust:float -> from:float -> float -> t
  val of_knots : float -> float
  val to_knots : float -> float
  val of_kmh : float -> float
  val to_kmh : float -> float
  val to_mph : float -> float
  val components : t -> float * float
  val of_components : float * float -> t
  val mean : t list -> t
  val steadiness : t list -> float
  val gust_factor : t -> float
  val points : string array
  val point : float -> string
  type force = {
    number : int;
    name : string;
    below : float;
    on_land : string;
    at_sea : string;
  }
  val scale : force array
  val force : float -> force
  type rose = { total : int; petals : int array array; }
  val rose : t list -> rose
  val share : rose -> int -> float
  val prevailing : rose -> string
  val at_height :
    ?roughness:float -> measured_at:float -> height:float -> float -> float
  val pressure_on_wall : float -> float
  val describe : t -> string
end

(** Air pressure and the standard atmosphere. *)
module Pressure : sig
  val of_inches_of_mercury : float -> float
  val to_inches_of_mercury : float -> float
  val of_millimetres_of_mercury : float -> float
  val to_millimetres_of_mercury : float -> float
  val at_sea_level : height:float -> temperature:float -> float -> float
  val at_station : height:float -> temperature:float -> float -> float
  type layer = {
    base : float;
    lapse : float;
    temperature : float;
    pressure : float;
    name : string;
  }
  val layers : layer array
  val layer_of_height : float -> layer
  val standard_temperature : float -> float
  val standard_pressure : float -> float
  val pressure_altitude : float -> float
  val density : temperature:float -> float -> float
  type tendency =
      Rising_then_falling
    | Rising_then_steady
    | Rising
    | Falling_then_rising
    | Steady
    | Falling_then_steady
    | Falling
    | Rising_then_falling_below
  val tendency : float -> float -> float -> tendency
  val tendency_name : tendency -> string
  val dial : float -> string
end

(** Sun, moon and calendar. *)
module Solar : sig
  type date = { year : int; month : int; day : int; }
  val is_leap : int -> bool
  val day_of_year : date -> int
  val julian_day : date -> float
  val day_of_week : date -> int
  val next_day : date -> date
  val declination : date -> float
  val equation_of_time : date -> float
  type day = Polar_night | Midnight_sun | Between of float * float
  val day_at :
    ?altitude:float -> latitude:float -> longitude:float -> date -> day
  val sunrise : latitude:float -> longitude:float -> date -> float option
  val sunset : latitude:float -> longitude:float -> date -> float option
  val day_length : latitude:float -> date -> float
  type twilight = Civil | Nautical | Astronomical
  val twilight : twilight -> latitude:float -> longitude:float -> date -> day
  val elevation :
    latitude:float -> longitude:float -> hour:float -> date -> float
  val clear_sky_irradiance :
    latitude:float -> longitude:float -> hour:float -> date -> float
  val clear_sky_energy : latitude:float -> longitude:float -> date -> float
  type moon =
      New_moon
    | Waxing_crescent
    | First_quarter
    | Waxing_gibbous
    | Full_moon
    | Waning_gibbous
    | Last_quarter
    | Waning_crescent
  val moon_age : date -> float
  val moon : date -> moon
  val moon_name : moon -> string
  val clock : float -> string
end

(** Kinds, cover and ceilings. *)
module Clouds : sig
  type level = Low | Middle | High
  type kind =
      Cirrus
    | Cirrocumulus
    | Cirrostratus
    | Altocumulus
    | Altostratus
    | Nimbostratus
    | Stratocumulus
    | Stratus
    | Cumulus
    | Cumulonimbus
  type description = {
    kind : kind;
    latin : string;
    short : string;
    level : level;
    base_low : float;
    base_high : float;
    rains : bool;
    looks : string;
    tells : string;
  }
  val all : description list
  val describe : kind -> description
  val name : kind -> string
  val of_short : String.t -> description option
  type cover = Clear | Few | Scattered | Broken | Overcast
  val cover_of_oktas : int -> cover
  val cover_name : cover -> string
  val oktas_of_cover : cover -> int
  type layer = { cover : cover; base : float; kind : kind option; }
  val ceiling : layer list -> float option
  val likely_kinds : base:float -> rains:bool -> description list
  val total_cover : layer list -> int
  val transmission : oktas:int -> float
  val layer_text : layer -> string
end

(** Present weather in code figures. *)
module Present : sig
  type group =
      Dry
    | Recent
    | Dust
    | Fog
    | Drizzle
    | Rain
    | Snow
    | Shower
    | Storm
  type code = {
    figure : int;
    group : group;
    severity : int;
    text : string;
    symbol : string;
  }
  val table : code array
  val find : int -> code option
  val text : int -> string
  val is_wet : code -> bool
  val is_frozen : code -> bool
  val group_name : group -> string
  val descriptors : (string * string) list
  val phenomena : (string * string * int) list
  val search : String.t -> code list
  val worst : int list -> code option
end

(** The stations of the network. *)
module Stations : sig
  type t = {
    id : int;
    name : string;
    latitude : float;
    longitude : float;
    height : float;
    since : int;
    hourly : bool;
  }
  val table : t array
  val by_id : int -> t option
  val by_name : string -> t option
  val distance : float * float -> float * float -> float
  val place : t -> float * float
  val nearest : ?count:int -> float * float -> (float * t) list
  val within : km:float -> float * float -> t list
  val above : float -> t list
  val interpolate : value:(t -> float option) -> float * float -> float option
  val custom :
    name:string -> latitude:float -> longitude:float -> height:float -> t
end

(** Monthly normals by zone. *)
module Climate : sig
  type month = {
    mean : float;
    low : float;
    high : float;
    rain : float;
    rain_days : float;
    sun : float;
    wind : float;
  }
  type zone = { name : string; height : float; months : month array; }
  val zones : zone list
  val find : String.t -> zone option
  val of_height : float -> zone
  val year : (month -> float) -> zone -> float
  val annual_rain : zone -> float
  val annual_mean : zone -> float
  val normal : (month -> float) -> zone -> day_of_year:int -> float
  type class_ = Tropical | Arid | Temperate | Continental | Polar
  val classify : zone -> class_
  val class_name : class_ -> string
  val anomaly : day_of_year:int -> mean:float -> zone -> float
  val anomaly_text : float -> string
end

(** Airport reports. *)
module Metar : sig
  type visibility = Metres of int | Ten_kilometres_or_more
  type t = {
    station : string;
    day : int;
    hour : int;
    minute : int;
    automatic : bool;
    wind : Wind.t option;
    visibility : visibility option;
    weather : (string * int) list;
    clouds : Clouds.layer list;
    temperature : float option;
    dew_point : float option;
    pressure : float option;
    remarks : string list;
  }
  exception Malformed of string * string
  val wind_group : string -> Wind.t
  val cloud_group : string -> Clouds.layer option
  val weather_group : string -> (string * int) option
  val group : t -> String.t -> t
  val parse : string -> t
  val humidity : t -> float option
  val flight_category : t -> string
  val in_words : t -> string
end
