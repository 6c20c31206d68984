let total _ = Old.total
