# Warnings, sanitizers and link options shared by every target.
set(INSTAPAY_SANITIZE "" CACHE STRING "Comma-separated sanitizers, e.g. address,undefined")

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wno-missing-field-initializers)
add_link_options(-fuse-ld=lld)

if(INSTAPAY_SANITIZE)
  add_compile_options(-fsanitize=${INSTAPAY_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${INSTAPAY_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Frame pointers cost about 1 % and make perf's call graphs readable in production.
  add_compile_options(-fno-omit-frame-pointer -g1)
  add_link_options(-Wl,--gc-sections -Wl,-O2)
endif()
