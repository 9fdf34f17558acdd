# Programs that need no shared library of the system (MPBRIDGE_STATIC).
if(MPBRIDGE_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  target_compile_definitions(mpbridge_options INTERFACE MPBRIDGE_STATIC)
  target_link_options(mpbridge_options INTERFACE -static-pie -s -Wl,--fatal-warnings)
  # CMake would ask for an executable that the dynamic loader starts.
  set(CMAKE_CXX_LINK_OPTIONS_PIE "")
endif()

# Debian has spdlog and fmt as shared libraries and as headers only.
function(mpbridge_find_spdlog)
  find_package(spdlog REQUIRED)
  if(MPBRIDGE_STATIC)
    find_package(fmt REQUIRED)
    set_target_properties(spdlog::spdlog_header_only PROPERTIES
      INTERFACE_LINK_LIBRARIES "Threads::Threads;fmt::fmt-header-only")
    set(MPBRIDGE_SPDLOG spdlog::spdlog_header_only PARENT_SCOPE)
  else()
    set(MPBRIDGE_SPDLOG spdlog::spdlog PARENT_SCOPE)
  endif()
endfunction()
