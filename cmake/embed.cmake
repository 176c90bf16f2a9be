# Text files compiled into the executable, so that one file is all there is to deploy.
set(EMBEDDED_SOURCES)

# embed_queries(dir): every <dir>/<service>/<name>.sql becomes queries::<service>::<name>.
function(embed_queries dir)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/${dir} ${dir}/*.sql)
  set(header ${CMAKE_BINARY_DIR}/generated/queries.h)
  list(TRANSFORM files PREPEND ${CMAKE_SOURCE_DIR}/${dir}/ OUTPUT_VARIABLE paths)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR}/${dir} "-DFILES=${files}" -DOUT=${header}
      -P ${CMAKE_SOURCE_DIR}/cmake/embed_queries.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/embed_queries.cmake VERBATIM)
  set(EMBEDDED_SOURCES ${EMBEDDED_SOURCES} ${header} PARENT_SCOPE)
endfunction()

# yaml_to_json(from to): generated/<to>, for readers that have no YAML.
function(yaml_to_json from to)
  foreach(candidate python3 /usr/bin/python3)
    execute_process(COMMAND ${candidate} -c "import yaml" RESULT_VARIABLE failed ERROR_QUIET)
    if(NOT failed)
      set(python ${candidate})
      break()
    endif()
  endforeach()
  if(NOT python)
    message(FATAL_ERROR "Python's YAML module is missing (Debian package python3-yaml).")
  endif()
  set(script ${CMAKE_SOURCE_DIR}/cmake/openapi_json.py)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/generated/${to}
    COMMAND ${python} ${script} ${CMAKE_SOURCE_DIR}/${from} ${CMAKE_BINARY_DIR}/generated/${to}
    DEPENDS ${CMAKE_SOURCE_DIR}/${from} ${script} VERBATIM)
endfunction()

# embed_files(name namespace globs... [GENERATED files...]): generated/<name>.h lists {path, text}
# of every file.
function(embed_files name namespace)
  cmake_parse_arguments(ARG "" "" "GENERATED" ${ARGN})
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${ARG_UNPARSED_ARGUMENTS})
  set(header ${CMAKE_BINARY_DIR}/generated/${name}.h)
  list(TRANSFORM files PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE paths)
  list(TRANSFORM ARG_GENERATED PREPEND ${CMAKE_BINARY_DIR}/generated/)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} "-DFILES=${files}"
      "-DGENERATED=${ARG_GENERATED}" -DOUT=${header} -DNAMESPACE=${namespace}
      -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${paths} ${ARG_GENERATED} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake VERBATIM)
  set(EMBEDDED_SOURCES ${EMBEDDED_SOURCES} ${header} PARENT_SCOPE)
endfunction()
