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

# embed_files(name namespace globs...): generated/<name>.h lists {path, text} of every file.
function(embed_files name namespace)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${ARGN})
  set(header ${CMAKE_BINARY_DIR}/generated/${name}.h)
  list(TRANSFORM files PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE paths)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} "-DFILES=${files}" -DOUT=${header}
      -DNAMESPACE=${namespace} -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake VERBATIM)
  set(EMBEDDED_SOURCES ${EMBEDDED_SOURCES} ${header} PARENT_SCOPE)
endfunction()
