# Warnings, sanitizers, hardening and link options shared by every target.
set(INSTAPAY_SANITIZE "" CACHE STRING "Comma-separated sanitizers, e.g. address,undefined")

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wno-missing-field-initializers)
add_link_options(-fuse-ld=lld)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(INSTAPAY_SANITIZE)
  # Assertions are on, the standard library's too: these builds are Debug ones, which lack NDEBUG.
  add_compile_options(-fsanitize=${INSTAPAY_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer -O1 -g1 -D_GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=${INSTAPAY_SANITIZE})
  if(INSTAPAY_SANITIZE MATCHES "^address,undefined$")
    # Which lines the tests reach: scripts/coverage. Processes share four files an executable.
    add_compile_options(-fprofile-instr-generate=${CMAKE_BINARY_DIR}/coverage/%4m.profraw -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Frame pointers cost about 1 % and make perf's call graphs readable in production.
  add_compile_options(-fno-omit-frame-pointer -g1)
  # What Debian hardens with; tests/deploy/test_executable.py reads the result.
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2
    -D_GLIBCXX_ASSERTIONS)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--gc-sections -Wl,-O2)
endif()
