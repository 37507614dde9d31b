# The page of `trace report --html`, bundled with node and npm where they are, else left out.
set(SPOOR_REPORT_PAGE AUTO CACHE STRING
  "Bundle the page of trace report --html: AUTO (if node and npm can), ON, or OFF")

# Sets `source` to what the page is compiled from.
function(spoor_report_page source)
  set(from ${PROJECT_SOURCE_DIR}/lib/report/page)
  set(work ${CMAKE_CURRENT_BINARY_DIR}/report_page)
  set(${source} report/case_page_missing.cc PARENT_SCOPE)
  set(SPOOR_HAS_REPORT_PAGE FALSE CACHE INTERNAL "Whether trace report has its page")
  if(NOT SPOOR_REPORT_PAGE)
    message(STATUS "The page of trace report --html is left out: SPOOR_REPORT_PAGE is OFF")
    return()
  endif()
  find_program(SPOOR_NODE NAMES node nodejs)
  find_program(SPOOR_NPM npm)
  set(why "")
  if(NOT SPOOR_NODE OR NOT SPOOR_NPM)
    set(why "there is no node or no npm")
  else()
    # Packages are fetched while configuring, once for each lock file.
    file(SHA256 ${from}/package-lock.json lock)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${from}/package-lock.json)
    if(NOT EXISTS ${work}/${lock})
      foreach(file package.json package-lock.json .npmrc)
        configure_file(${from}/${file} ${work}/${file} COPYONLY)
      endforeach()
      execute_process(COMMAND ${SPOOR_NPM} ci --ignore-scripts --no-audit --no-fund
        WORKING_DIRECTORY ${work} RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE said TIMEOUT 300)
      if(failed)
        string(REGEX REPLACE "\n.*" "" said "${said}")
        set(why "npm ci failed: ${said}")
      else()
        file(WRITE ${work}/${lock} "")
      endif()
    endif()
  endif()
  if(why)
    if(NOT SPOOR_REPORT_PAGE STREQUAL AUTO)
      message(FATAL_ERROR "The page of trace report --html cannot be bundled: ${why}")
    endif()
    message(STATUS "The page of trace report --html is left out: ${why}. "
      "Install nodejs and npm and configure again to have it")
    return()
  endif()
  set(SPOOR_HAS_REPORT_PAGE TRUE CACHE INTERNAL "Whether trace report has its page")
  message(STATUS "The page of trace report --html is bundled with ${SPOOR_NODE}")
  file(GLOB_RECURSE parts CONFIGURE_DEPENDS ${from}/src/* ${from}/build.mjs)
  add_custom_command(OUTPUT ${work}/case_page.cc
    COMMAND ${CMAKE_COMMAND} -E copy ${from}/build.mjs ${work}/build.mjs
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${from}/src ${work}/src
    COMMAND ${SPOOR_NODE} ${work}/build.mjs ${work}/case_page.cc
    DEPENDS ${parts} ${from}/package-lock.json
    COMMENT "Bundling the page of trace report --html" VERBATIM)
  set(${source} ${work}/case_page.cc PARENT_SCOPE)
endfunction()
