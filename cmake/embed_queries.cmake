set(text "#pragma once\n// Generated from db/queries by cmake/embed_queries.cmake.\n#include \"pg/statement.h\"\n")
foreach(file ${FILES})
  file(READ ${ROOT}/${file} sql)
  get_filename_component(service ${file} DIRECTORY)
  get_filename_component(name ${file} NAME_WE)
  string(APPEND text "namespace instapay::queries::${service} {\n"
    "inline constexpr pg::Statement ${name}{\"${service}/${name}\", R\"~sql~(${sql})~sql~\"};\n}\n")
endforeach()
file(WRITE ${OUT} "${text}")
