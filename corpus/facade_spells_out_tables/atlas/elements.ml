type t = { number : int; symbol : string; name : string }

let all =
  [|
    { number = 1; symbol = "H"; name = "Hydrogen" };
    { number = 2; symbol = "He"; name = "Helium" };
    { number = 3; symbol = "Li"; name = "Lithium" };
    { number = 4; symbol = "Be"; name = "Beryllium" };
    { number = 5; symbol = "B"; name = "Boron" };
    { number = 6; symbol = "C"; name = "Carbon" };
    { number = 7; symbol = "N"; name = "Nitrogen" };
    { number = 8; symbol = "O"; name = "Oxygen" };
    { number = 9; symbol = "F"; name = "Fluorine" };
    { number = 10; symbol = "Ne"; name = "Neon" };
    { number = 11; symbol = "Na"; name = "Sodium" };
    { number = 12; symbol = "Mg"; name = "Magnesium" };
    { number = 13; symbol = "Al"; name = "Aluminium" };
    { number = 14; symbol = "Si"; name = "Silicon" };
    { number = 15; symbol = "P"; name = "Phosphorus" };
    { number = 16; symbol = "S"; name = "Sulfur" };
    { number = 17; symbol = "Cl"; name = "Chlorine" };
    { number = 18; symbol = "Ar"; name = "Argon" };
    { number = 19; symbol = "K"; name = "Potassium" };
    { number = 20; symbol = "Ca"; name = "Calcium" };
    { number = 21; symbol = "Sc"; name = "Scandium" };
    { number = 22; symbol = "Ti"; name = "Titanium" };
    { number = 23; symbol = "V"; name = "Vanadium" };
    { number = 24; symbol = "Cr"; name = "Chromium" };
    { number = 25; symbol = "Mn"; name = "Manganese" };
    { number = 26; symbol = "Fe"; name = "Iron" };
    { number = 27; symbol = "Co"; name = "Cobalt" };
    { number = 28; symbol = "Ni"; name = "Nickel" };
    { number = 29; symbol = "Cu"; name = "Copper" };
    { number = 30; symbol = "Zn"; name = "Zinc" };
    { number = 31; symbol = "Ga"; name = "Gallium" };
    { number = 32; symbol = "Ge"; name = "Germanium" };
    { number = 33; symbol = "As"; name = "Arsenic" };
    { number = 34; symbol = "Se"; name = "Selenium" };
    { number = 35; symbol = "Br"; name = "Bromine" };
    { number = 36; symbol = "Kr"; name = "Krypton" };
    { number = 37; symbol = "Rb"; name = "Rubidium" };
    { number = 38; symbol = "Sr"; name = "Strontium" };
    { number = 39; symbol = "Y"; name = "Yttrium" };
    { number = 40; symbol = "Zr"; name = "Zirconium" };
    { number = 41; symbol = "Nb"; name = "Niobium" };
    { number = 42; symbol = "Mo"; name = "Molybdenum" };
    { number = 43; symbol = "Tc"; name = "Technetium" };
    { number = 44; symbol = "Ru"; name = "Ruthenium" };
    { number = 45; symbol = "Rh"; name = "Rhodium" };
    { number = 46; symbol = "Pd"; name = "Palladium" };
    { number = 47; symbol = "Ag"; name = "Silver" };
    { number = 48; symbol = "Cd"; name = "Cadmium" };
    { number = 49; symbol = "In"; name = "Indium" };
    { number = 50; symbol = "Sn"; name = "Tin" };
    { number = 51; symbol = "Sb"; name = "Antimony" };
    { number = 52; symbol = "Te"; name = "Tellurium" };
    { number = 53; symbol = "I"; name = "Iodine" };
    { number = 54; symbol = "Xe"; name = "Xenon" };
    { number = 55; symbol = "Cs"; name = "Caesium" };
    { number = 56; symbol = "Ba"; name = "Barium" };
    { number = 57; symbol = "La"; name = "Lanthanum" };
    { number = 58; symbol = "Ce"; name = "Cerium" };
    { number = 59; symbol = "Hf"; name = "Hafnium" };
    { number = 60; symbol = "Ta"; name = "Tantalum" };
    { number = 61; symbol = "W"; name = "Tungsten" };
    { number = 62; symbol = "Re"; name = "Rhenium" };
    { number = 63; symbol = "Os"; name = "Osmium" };
    { number = 64; symbol = "Ir"; name = "Iridium" };
    { number = 65; symbol = "Pt"; name = "Platinum" };
    { number = 66; symbol = "Au"; name = "Gold" };
    { number = 67; symbol = "Hg"; name = "Mercury" };
    { number = 68; symbol = "Tl"; name = "Thallium" };
    { number = 69; symbol = "Pb"; name = "Lead" };
    { number = 70; symbol = "Bi"; name = "Bismuth" };
    { number = 71; symbol = "Po"; name = "Polonium" };
    { number = 72; symbol = "At"; name = "Astatine" };
    { number = 73; symbol = "Rn"; name = "Radon" };
    { number = 74; symbol = "Ra"; name = "Radium" };
    { number = 75; symbol = "Th"; name = "Thorium" };
    { number = 76; symbol = "U"; name = "Uranium" };
  |]

let symbol element = element.symbol
let name element = element.name
let number element = element.number

exception Unknown of string

let of_symbol symbol =
  match List.find_opt (fun element -> String.equal element.symbol symbol) (Array.to_list all) with
  | Some element -> element
  | None -> raise (Unknown symbol)
