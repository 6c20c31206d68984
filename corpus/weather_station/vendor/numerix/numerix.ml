(* Numbers for people with measurements: one flat module. *)

exception Empty_input of string
exception Singular_matrix

let () =
  Printexc.register_printer (function
    | Empty_input what -> Some ("Numerix." ^ what ^ ": no values")
    | Singular_matrix -> Some "Numerix: the matrix has no inverse"
    | _ -> None)

(* --- sums and means --- *)

let nonempty what values = if Array.length values = 0 then raise (Empty_input what)

(* Neumaier's compensated sum. *)
let sum values =
  let total = ref 0. and lost = ref 0. in
  Array.iter
    (fun x ->
      let next = !total +. x in
      (if Float.abs !total >= Float.abs x then lost := !lost +. (!total -. next +. x)
       else lost := !lost +. (x -. next +. !total));
      total := next)
    values;
  !total +. !lost

let mean values =
  nonempty "mean" values;
  sum values /. float_of_int (Array.length values)

let minimum values = nonempty "minimum" values; Array.fold_left min values.(0) values
let maximum values = nonempty "maximum" values; Array.fold_left max values.(0) values
let range values = maximum values -. minimum values

let variance values =
  let m = mean values in
  if Array.length values < 2 then 0.
  else sum (Array.map (fun x -> (x -. m) ** 2.) values) /. float_of_int (Array.length values - 1)

let deviation values = sqrt (variance values)

let moment k values =
  let m = mean values in
  mean (Array.map (fun x -> (x -. m) ** float_of_int k) values)

let skewness values = moment 3 values /. (sqrt (moment 2 values) ** 3.)
let kurtosis values = (moment 4 values /. (moment 2 values ** 2.)) -. 3.

let geometric_mean values = exp (mean (Array.map log values))
let harmonic_mean values = 1. /. mean (Array.map (fun x -> 1. /. x) values)

let weighted_mean ~weights values =
  nonempty "weighted_mean" values;
  sum (Array.map2 ( *. ) weights values) /. sum weights

let quantile share values =
  nonempty "quantile" values;
  let sorted = Array.copy values in
  Array.sort Float.compare sorted;
  let at = share *. float_of_int (Array.length sorted - 1) in
  let low = int_of_float (Float.floor at) in
  let high = min (low + 1) (Array.length sorted - 1) in
  sorted.(low) +. ((at -. float_of_int low) *. (sorted.(high) -. sorted.(low)))

let median values = quantile 0.5 values
let quartiles values = (quantile 0.25 values, median values, quantile 0.75 values)

let median_deviation values =
  let m = median values in
  median (Array.map (fun x -> Float.abs (x -. m)) values)

let mode ~width values =
  nonempty "mode" values;
  let counts = Hashtbl.create 16 in
  Array.iter
    (fun x ->
      let bin = int_of_float (Float.floor (x /. width)) in
      Hashtbl.replace counts bin (1 + Option.value (Hashtbl.find_opt counts bin) ~default:0))
    values;
  let best = Hashtbl.fold (fun bin n (bin', n') -> if n > n' || (n = n' && bin < bin') then (bin, n) else (bin', n')) counts (0, 0) in
  (float_of_int (fst best) +. 0.5) *. width

let standardize values =
  let m = mean values and d = deviation values in
  Array.map (fun x -> if d = 0. then 0. else (x -. m) /. d) values

let histogram ~bins values =
  let low = minimum values and high = maximum values in
  let width = (high -. low) /. float_of_int bins in
  let counts = Array.make bins 0 in
  Array.iter
    (fun x ->
      let at = if width = 0. then 0 else min (bins - 1) (int_of_float ((x -. low) /. width)) in
      counts.(at) <- counts.(at) + 1)
    values;
  (low, width, counts)

(* --- two series --- *)

let covariance xs ys =
  nonempty "covariance" xs;
  let mx = mean xs and my = mean ys in
  sum (Array.map2 (fun x y -> (x -. mx) *. (y -. my)) xs ys) /. float_of_int (max 1 (Array.length xs - 1))

let correlation xs ys = covariance xs ys /. (deviation xs *. deviation ys)

let ranks values =
  let order = Array.mapi (fun i x -> (x, i)) values in
  Array.sort compare order;
  let result = Array.make (Array.length values) 0. in
  Array.iteri (fun rank (_, i) -> result.(i) <- float_of_int (rank + 1)) order;
  result

let rank_correlation xs ys = correlation (ranks xs) (ranks ys)

type line = { slope : float; intercept : float; r_squared : float }

let regression xs ys =
  let slope = covariance xs ys /. variance xs in
  let intercept = mean ys -. (slope *. mean xs) in
  let r = correlation xs ys in
  { slope; intercept; r_squared = r *. r }

let at_line line x = line.intercept +. (line.slope *. x)

let theil_sen xs ys =
  let slopes = ref [] in
  Array.iteri
    (fun i x -> for j = i + 1 to Array.length xs - 1 do if xs.(j) <> x then slopes := ((ys.(j) -. ys.(i)) /. (xs.(j) -. x)) :: !slopes done)
    xs;
  let slope = median (Array.of_list !slopes) in
  { slope; intercept = median (Array.map2 (fun x y -> y -. (slope *. x)) xs ys); r_squared = nan }

let root_mean_square_error xs ys = sqrt (mean (Array.map2 (fun x y -> (x -. y) ** 2.) xs ys))
let mean_absolute_error xs ys = mean (Array.map2 (fun x y -> Float.abs (x -. y)) xs ys)

(* --- time series --- *)

let moving_average ~window values =
  let n = Array.length values in
  Array.init n (fun i ->
      let first = max 0 (i - (window / 2)) in
      let last = min (n - 1) (i + (window / 2)) in
      mean (Array.sub values first (last - first + 1)))

let exponential_smoothing ~alpha values =
  nonempty "exponential_smoothing" values;
  let state = ref values.(0) in
  Array.map (fun x -> state := (alpha *. x) +. ((1. -. alpha) *. !state); !state) values

let holt ~alpha ~beta ~ahead values =
  if Array.length values < 2 then raise (Empty_input "holt");
  let level = ref values.(0) and trend = ref (values.(1) -. values.(0)) in
  Array.iteri
    (fun i x ->
      if i > 0 then begin
        let before = !level in
        level := (alpha *. x) +. ((1. -. alpha) *. (!level +. !trend));
        trend := (beta *. (!level -. before)) +. ((1. -. beta) *. !trend)
      end)
    values;
  !level +. (float_of_int ahead *. !trend)

let differences values = Array.init (max 0 (Array.length values - 1)) (fun i -> values.(i + 1) -. values.(i))

let cumulative values =
  let total = ref 0. in
  Array.map (fun x -> total := !total +. x; !total) values

let autocorrelation ~lag values =
  let n = Array.length values - lag in
  if n < 2 then 0. else correlation (Array.sub values 0 n) (Array.sub values lag n)

let detrend values =
  let xs = Array.init (Array.length values) float_of_int in
  let line = regression xs values in
  Array.mapi (fun i y -> y -. at_line line (float_of_int i)) values

let outliers ?(limit = 3.5) values =
  let m = median values and d = median_deviation values in
  if d = 0. then []
  else
    Array.to_list (Array.mapi (fun i x -> (i, x)) values)
    |> List.filter (fun (_, x) -> 0.6745 *. Float.abs (x -. m) /. d > limit)

let fill_gaps values =
  let n = Array.length values in
  let known i = i >= 0 && i < n && not (Float.is_nan values.(i)) in
  let rec before i = if i < 0 then None else if known i then Some i else before (i - 1) in
  let rec after i = if i >= n then None else if known i then Some i else after (i + 1) in
  Array.init n (fun i ->
      if known i then values.(i)
      else
        match (before i, after i) with
        | Some a, Some b ->
            let share = float_of_int (i - a) /. float_of_int (b - a) in
            values.(a) +. (share *. (values.(b) -. values.(a)))
        | Some a, None | None, Some a -> values.(a)
        | None, None -> nan)

(* --- interpolation --- *)

let locate xs x =
  let rec go low high = if high - low <= 1 then low else let middle = (low + high) / 2 in if xs.(middle) > x then go low middle else go middle high in
  go 0 (Array.length xs - 1)

let linear xs ys x =
  let i = locate xs x in
  ys.(i) +. ((x -. xs.(i)) /. (xs.(i + 1) -. xs.(i)) *. (ys.(i + 1) -. ys.(i)))

type spline = { xs : float array; ys : float array; seconds : float array }

let spline xs ys =
  let n = Array.length xs in
  let seconds = Array.make n 0. and u = Array.make n 0. in
  for i = 1 to n - 2 do
    let s = (xs.(i) -. xs.(i - 1)) /. (xs.(i + 1) -. xs.(i - 1)) in
    let p = (s *. seconds.(i - 1)) +. 2. in
    seconds.(i) <- (s -. 1.) /. p;
    let slope = ((ys.(i + 1) -. ys.(i)) /. (xs.(i + 1) -. xs.(i))) -. ((ys.(i) -. ys.(i - 1)) /. (xs.(i) -. xs.(i - 1))) in
    u.(i) <- ((6. *. slope /. (xs.(i + 1) -. xs.(i - 1))) -. (s *. u.(i - 1))) /. p
  done;
  for i = n - 2 downto 0 do seconds.(i) <- (seconds.(i) *. seconds.(i + 1)) +. u.(i) done;
  { xs; ys; seconds }

let at_spline { xs; ys; seconds } x =
  let i = locate xs x in
  let h = xs.(i + 1) -. xs.(i) in
  let a = (xs.(i + 1) -. x) /. h and b = (x -. xs.(i)) /. h in
  (a *. ys.(i)) +. (b *. ys.(i + 1))
  +. (((((a ** 3.) -. a) *. seconds.(i)) +. (((b ** 3.) -. b) *. seconds.(i + 1))) *. h *. h /. 6.)

let polynomial coefficients x = Array.fold_right (fun c value -> (value *. x) +. c) coefficients 0.

let lagrange xs ys x =
  let n = Array.length xs in
  let term i =
    let product = ref ys.(i) in
    for j = 0 to n - 1 do if j <> i then product := !product *. (x -. xs.(j)) /. (xs.(i) -. xs.(j)) done;
    !product
  in
  sum (Array.init n term)

(* --- matrices --- *)

let rows m = Array.length m
let columns m = if rows m = 0 then 0 else Array.length m.(0)
let identity n = Array.init n (fun i -> Array.init n (fun j -> if i = j then 1. else 0.))
let transpose m = Array.init (columns m) (fun j -> Array.init (rows m) (fun i -> m.(i).(j)))

let multiply a b =
  Array.init (rows a) (fun i -> Array.init (columns b) (fun j -> sum (Array.init (columns a) (fun k -> a.(i).(k) *. b.(k).(j)))))

let apply m v = Array.map (fun row -> sum (Array.map2 ( *. ) row v)) m

(* Gauss with partial pivoting on a copy; returns the solution and the determinant. *)
let eliminate m v =
  let n = rows m in
  let a = Array.map Array.copy m and b = Array.copy v in
  let determinant = ref 1. in
  for column = 0 to n - 1 do
    let pivot = ref column in
    for row = column + 1 to n - 1 do if Float.abs a.(row).(column) > Float.abs a.(!pivot).(column) then pivot := row done;
    if Float.abs a.(!pivot).(column) < 1e-12 then raise Singular_matrix;
    if !pivot <> column then begin
      let row = a.(column) in
      a.(column) <- a.(!pivot);
      a.(!pivot) <- row;
      let value = b.(column) in
      b.(column) <- b.(!pivot);
      b.(!pivot) <- value;
      determinant := -. !determinant
    end;
    determinant := !determinant *. a.(column).(column);
    for row = column + 1 to n - 1 do
      let factor = a.(row).(column) /. a.(column).(column) in
      for k = column to n - 1 do a.(row).(k) <- a.(row).(k) -. (factor *. a.(column).(k)) done;
      b.(row) <- b.(row) -. (factor *. b.(column))
    done
  done;
  let x = Array.make n 0. in
  for row = n - 1 downto 0 do
    let rest = ref b.(row) in
    for k = row + 1 to n - 1 do rest := !rest -. (a.(row).(k) *. x.(k)) done;
    x.(row) <- !rest /. a.(row).(row)
  done;
  (x, !determinant)

let solve m v = fst (eliminate m v)
let determinant m = try snd (eliminate m (Array.make (rows m) 0.)) with Singular_matrix -> 0.
let inverse m = transpose (Array.map (fun unit -> solve m unit) (identity (rows m)))

let fit_polynomial ~degree xs ys =
  let design = Array.map (fun x -> Array.init (degree + 1) (fun k -> x ** float_of_int k)) xs in
  let t = transpose design in
  solve (multiply t design) (apply t ys)

let power_iteration ?(steps = 100) m =
  let v = ref (Array.make (rows m) 1.) and value = ref 0. in
  for _ = 1 to steps do
    let next = apply m !v in
    let length = sqrt (sum (Array.map (fun x -> x *. x) next)) in
    value := length;
    v := Array.map (fun x -> x /. length) next
  done;
  (!value, !v)

(* --- transforms --- *)

let rec fft re im =
  let n = Array.length re in
  if n <= 1 then (Array.copy re, Array.copy im)
  else if n land 1 = 1 then dft re im
  else
    let half = n / 2 in
    let pick values odd = Array.init half (fun i -> values.((2 * i) + odd)) in
    let even_re, even_im = fft (pick re 0) (pick im 0) and odd_re, odd_im = fft (pick re 1) (pick im 1) in
    let out_re = Array.make n 0. and out_im = Array.make n 0. in
    for k = 0 to half - 1 do
      let angle = -2. *. Float.pi *. float_of_int k /. float_of_int n in
      let c = cos angle and s = sin angle in
      let t_re = (c *. odd_re.(k)) -. (s *. odd_im.(k)) and t_im = (c *. odd_im.(k)) +. (s *. odd_re.(k)) in
      out_re.(k) <- even_re.(k) +. t_re;
      out_im.(k) <- even_im.(k) +. t_im;
      out_re.(k + half) <- even_re.(k) -. t_re;
      out_im.(k + half) <- even_im.(k) -. t_im
    done;
    (out_re, out_im)

and dft re im =
  let n = Array.length re in
  let term f k = sum (Array.init n (fun j -> f (-2. *. Float.pi *. float_of_int (j * k) /. float_of_int n) j)) in
  ( Array.init n (term (fun angle j -> (re.(j) *. cos angle) -. (im.(j) *. sin angle))),
    Array.init n (term (fun angle j -> (re.(j) *. sin angle) +. (im.(j) *. cos angle))) )

let spectrum values =
  let re, im = fft values (Array.make (Array.length values) 0.) in
  Array.init (Array.length values / 2) (fun k -> sqrt ((re.(k) *. re.(k)) +. (im.(k) *. im.(k))))

let dominant_period values =
  let power = spectrum (detrend values) in
  let best = ref 1 in
  for k = 2 to Array.length power - 1 do if power.(k) > power.(!best) then best := k done;
  float_of_int (Array.length values) /. float_of_int !best

(* --- special functions and distributions --- *)

let lanczos = [| 676.5203681218851; -1259.1392167224028; 771.32342877765313; -176.61502916214059; 12.507343278686905; -0.13857109526572012; 9.9843695780195716e-6; 1.5056327351493116e-7 |]

let rec log_gamma x =
  if x < 0.5 then log (Float.pi /. Float.abs (sin (Float.pi *. x))) -. log_gamma (1. -. x)
  else
    let x = x -. 1. in
    let series = ref 0.99999999999980993 in
    Array.iteri (fun i c -> series := !series +. (c /. (x +. float_of_int i +. 1.))) lanczos;
    let t = x +. 7.5 in
    (0.5 *. log (2. *. Float.pi)) +. ((x +. 0.5) *. log t) -. t +. log !series

let error_function x =
  let t = 1. /. (1. +. (0.3275911 *. Float.abs x)) in
  let p = t *. (0.254829592 +. (t *. (-0.284496736 +. (t *. (1.421413741 +. (t *. (-1.453152027 +. (t *. 1.061405429)))))))) in
  let y = 1. -. (p *. exp (-.x *. x)) in
  if x >= 0. then y else -.y

let normal_density ?(mean = 0.) ?(deviation = 1.) x =
  let z = (x -. mean) /. deviation in
  exp (-0.5 *. z *. z) /. (deviation *. sqrt (2. *. Float.pi))

let normal_below ?(mean = 0.) ?(deviation = 1.) x = 0.5 *. (1. +. error_function ((x -. mean) /. (deviation *. sqrt 2.)))
let poisson ~rate k = exp ((float_of_int k *. log rate) -. rate -. log_gamma (float_of_int (k + 1)))
let gumbel_below ~location ~scale x = exp (-.exp (-.((x -. location) /. scale)))

(* The value that is exceeded once in so many years, by the method of moments. *)
let return_level ~years maxima =
  let scale = deviation maxima *. sqrt 6. /. Float.pi in
  let location = mean maxima -. (0.5772156649 *. scale) in
  location -. (scale *. log (-.log (1. -. (1. /. years))))

let rec incomplete_gamma a x =
  if x < a +. 1. then begin
    let term = ref (1. /. a) and total = ref (1. /. a) and n = ref a in
    while Float.abs !term > Float.abs !total *. 1e-12 do
      n := !n +. 1.;
      term := !term *. x /. !n;
      total := !total +. !term
    done;
    !total *. exp ((a *. log x) -. x -. log_gamma a)
  end
  else 1. -. upper_gamma a x

and upper_gamma a x =
  let tiny = 1e-300 in
  let b = ref (x +. 1. -. a) in
  let c = ref (1. /. tiny) and d = ref (1. /. !b) in
  let h = ref !d and i = ref 1. and change = ref 2. in
  while Float.abs (!change -. 1.) > 1e-12 do
    let an = -. !i *. (!i -. a) in
    b := !b +. 2.;
    d := 1. /. ((an *. !d) +. !b);
    c := !b +. (an /. !c);
    change := !c *. !d;
    h := !h *. !change;
    i := !i +. 1.
  done;
  exp ((a *. log x) -. x -. log_gamma a) *. !h

let chi_squared_above ~freedom x = 1. -. incomplete_gamma (float_of_int freedom /. 2.) (x /. 2.)

(* --- roots and integrals --- *)

let bisect ?(steps = 80) f low high =
  let rec go low high n =
    let middle = (low +. high) /. 2. in
    if n = 0 then middle else if f low *. f middle <= 0. then go low middle (n - 1) else go middle high (n - 1)
  in
  go low high steps

let newton ?(steps = 50) f f' x =
  let rec go x n = if n = 0 then x else let next = x -. (f x /. f' x) in if Float.abs (next -. x) < 1e-12 then next else go next (n - 1) in
  go x steps

let simpson ?(intervals = 100) f a b =
  let n = 2 * intervals in
  let h = (b -. a) /. float_of_int n in
  let term i = f (a +. (float_of_int i *. h)) *. if i = 0 || i = n then 1. else if i land 1 = 1 then 4. else 2. in
  sum (Array.init (n + 1) term) *. h /. 3.

let runge_kutta ~step ~steps f t y =
  let rec go t y n =
    if n = 0 then y
    else
      let k1 = f t y in
      let k2 = f (t +. (step /. 2.)) (y +. (step /. 2. *. k1)) in
      let k3 = f (t +. (step /. 2.)) (y +. (step /. 2. *. k2)) in
      let k4 = f (t +. step) (y +. (step *. k3)) in
      go (t +. step) (y +. (step /. 6. *. (k1 +. (2. *. k2) +. (2. *. k3) +. k4))) (n - 1)
  in
  go t y steps

(* --- random numbers that are the same everywhere --- *)

type generator = { mutable state : int }

let generator seed = { state = (seed * 2654435761) land 0x3fffffff }

let uniform g =
  g.state <- ((g.state * 1103515245) + 12345) land 0x3fffffff;
  float_of_int g.state /. 1073741824.

let gaussian g =
  let u = 1. -. uniform g and v = uniform g in
  sqrt (-2. *. log u) *. cos (2. *. Float.pi *. v)

let shuffle g values =
  let values = Array.copy values in
  for i = Array.length values - 1 downto 1 do
    let j = int_of_float (uniform g *. float_of_int (i + 1)) in
    let x = values.(i) in
    values.(i) <- values.(j);
    values.(j) <- x
  done;
  values

let bootstrap ?(rounds = 200) g statistic values =
  let n = Array.length values in
  let one _ = statistic (Array.init n (fun _ -> values.(int_of_float (uniform g *. float_of_int n)))) in
  let all = Array.init rounds one in
  (quantile 0.025 all, quantile 0.975 all)

(* --- printing --- *)

let to_fixed digits x = Printf.sprintf "%.*f" digits x
let show_vector v = "[" ^ String.concat "; " (Array.to_list (Array.map (to_fixed 4) v)) ^ "]"
let show_matrix m = String.concat "\n" (Array.to_list (Array.map show_vector m))

let summary values =
  let low, middle, high = quartiles values in
  Printf.sprintf "n %d, mean %.2f, deviation %.2f, min %.2f, quartiles %.2f %.2f %.2f, max %.2f" (Array.length values)
    (mean values) (deviation values) (minimum values) low middle high (maximum values)
