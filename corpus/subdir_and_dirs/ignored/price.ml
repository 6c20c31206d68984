let total _ = (
