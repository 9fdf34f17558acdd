# Makes what was installed into a Debian package's contents: called by cpack before it packs.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(docs ${root}/usr/share/doc/mpremote-bridge)

function(compress from to)
  execute_process(COMMAND gzip -9nc ${from} OUTPUT_FILE ${to} COMMAND_ERROR_IS_FATAL ANY)
  file(CHMOD ${to} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

file(GLOB pages ${root}/usr/share/man/man1/*.1)
foreach(page ${pages})
  compress(${page} ${page}.gz)
  file(REMOVE ${page})
endforeach()

compress(${docs}/CHANGELOG.md ${docs}/changelog.gz)
compress(${CMAKE_CURRENT_LIST_DIR}/changelog ${docs}/changelog.Debian.gz)
file(RENAME ${docs}/LICENSE ${docs}/copyright)
configure_file(${CMAKE_CURRENT_LIST_DIR}/copyright ${docs}/copyright COPYONLY)

file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)

# For an instance of the name default.
configure_file(${docs}/examples/mpremote-bridge.toml ${root}/etc/mpremote-bridge/default.toml COPYONLY)

configure_file(${CMAKE_CURRENT_LIST_DIR}/lintian-overrides
               ${root}/usr/share/lintian/overrides/mpremote-bridge COPYONLY)
