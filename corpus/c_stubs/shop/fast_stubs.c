#include <caml/mlvalues.h>

value shop_fast_double(value n)
{
  return Val_long(2 * Long_val(n));
}
