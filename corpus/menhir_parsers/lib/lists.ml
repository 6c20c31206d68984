let first = function [] -> "" | name :: _ -> name
