# spoor.pc, for those who build without CMake: the layers from the top down, and the packages that
# they link to, as lib/CMakeLists.txt states them.
set(libraries "")
set(requires "")
get_property(layers GLOBAL PROPERTY SPOOR_LAYERS)
foreach(layer ${layers})
  string(PREPEND libraries " -lspoor_${layer}")
  get_target_property(links spoor_${layer} LINK_LIBRARIES)
  foreach(link ${links})
    if(link MATCHES "^absl::(.*)$")
      list(APPEND requires absl_${CMAKE_MATCH_1})
    elseif(link MATCHES "^PkgConfig::(.*)$")
      list(APPEND requires ${${CMAKE_MATCH_1}_MODULE_NAME})
    elseif(link STREQUAL spoor_ipsec_mb AND spoor_ipsec_mb_LIBRARY)
      # It has no .pc file of its own.
      string(APPEND libraries " -lIPSec_MB")
    endif()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES requires)
list(JOIN requires ", " requires)
file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/spoor.pc @ONLY CONTENT
"prefix=\${pcfiledir}/@up@
libdir=\${prefix}/@CMAKE_INSTALL_LIBDIR@
includedir=\${prefix}/@CMAKE_INSTALL_INCLUDEDIR@

Name: spoor
Description: @PROJECT_DESCRIPTION@
Version: @PROJECT_VERSION@
Requires: @requires@
Cflags: -I\${includedir}
Libs: -L\${libdir}@libraries@ -pthread
")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/spoor.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
