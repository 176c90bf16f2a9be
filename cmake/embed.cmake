# Text files compiled into the executable, so that one file is all there is to deploy.
set(EMBEDDED_SOURCES)

# embed_queries(dir): every <dir>/<folder>/<name>.sql becomes queries::<folder>::<name>.
function(embed_queries dir)
  find_program(PYTHON python3 REQUIRED)
  file(GLOB_RECURSE paths CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${dir}/*.sql)
  set(out ${CMAKE_BINARY_DIR}/generated)
  set(headers ${out}/queries.h ${out}/query_declarations.h)
  foreach(path ${paths})
    cmake_path(GET path PARENT_PATH folder)
    cmake_path(GET folder FILENAME folder)
    list(APPEND headers ${out}/queries/${folder}.h)
  endforeach()
  list(REMOVE_DUPLICATES headers)
  set(script ${CMAKE_SOURCE_DIR}/cmake/embed_queries.py)
  add_custom_command(OUTPUT ${headers}
    COMMAND ${PYTHON} ${script} ${out} ${CMAKE_SOURCE_DIR}/${dir}
    DEPENDS ${paths} ${script} VERBATIM)
  set(EMBEDDED_SOURCES ${EMBEDDED_SOURCES} ${headers} PARENT_SCOPE)
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
