module Key = Key
module Big = Big
