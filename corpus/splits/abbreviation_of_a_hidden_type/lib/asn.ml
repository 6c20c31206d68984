module OID = Oid

type oid = OID.t

module S = Grammar
