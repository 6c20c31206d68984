module List = Short_list
