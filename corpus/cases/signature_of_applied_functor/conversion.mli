module Make (From : Scale.Unit) (To : Scale.Unit) : Scale.Signature(From)(To).T with module From = From
