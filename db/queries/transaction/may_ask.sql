SELECT may_ask($1::uuid, $2::uuid)
