# spoor_layer(NAME [DEPS layer...] [LINK target...] [PUBLIC_LINK target...] SOURCES file...)
#
# One layer of the house: a static library spoor_NAME from lib/NAME, with public headers in
# include/spoor/NAME. DEPS are the layers that its files may include; they are recorded so that the
# test `architecture` can hold every #include against them. LINK targets are seen by lib/NAME alone,
# PUBLIC_LINK targets by its headers too.
#
# What nearly every file includes is compiled once, with the lowest layer, for all of them: a third of
# the time of a build. Files still include what they use, as a build with
# CMAKE_DISABLE_PRECOMPILE_HEADERS shows.
set_property(GLOBAL PROPERTY SPOOR_LAYERS "")
set(SPOOR_PRECOMPILED <algorithm> <functional> <map> <memory> <optional> <string> <vector>
  <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/types/span.h>
  <boost/multiprecision/cpp_int.hpp>)

function(spoor_layer name)
  cmake_parse_arguments(ARG "" "" "DEPS;LINK;PUBLIC_LINK;SOURCES" ${ARGN})
  set(target spoor_${name})
  list(TRANSFORM ARG_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/lib/${name}/)
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(spoor::${name} ALIAS ${target})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_features(${target} PUBLIC cxx_std_20)
  list(TRANSFORM ARG_DEPS PREPEND spoor_ OUTPUT_VARIABLE dep_targets)
  target_link_libraries(${target} PUBLIC ${dep_targets} ${ARG_PUBLIC_LINK} PRIVATE ${ARG_LINK})
  spoor_warnings(${target})
  if(target STREQUAL spoor_base)
    target_precompile_headers(${target} PRIVATE ${SPOOR_PRECOMPILED})
  else()
    target_precompile_headers(${target} REUSE_FROM spoor_base)
  endif()
  set_property(GLOBAL APPEND PROPERTY SPOOR_LAYERS ${name})
  set_property(GLOBAL PROPERTY SPOOR_LAYER_${name}_DEPS "${ARG_DEPS}")
endfunction()

function(spoor_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
    -Woverloaded-virtual -Wcast-align -Wunused $<$<BOOL:${SPOOR_WERROR}>:-Werror>)
endfunction()
