let seconds n = Now.get () + n
