# What `cmake --install` puts where.
include(GNUInstallDirs)

install(TARGETS mpremote-bridge mpremote-attach)
install(FILES packaging/man/mpremote-bridge.1 packaging/man/mpremote-attach.1
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

# They ask the program, whatever its name.
foreach(program mpremote-bridge mpremote-attach)
  install(FILES packaging/completions/bash RENAME ${program}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES packaging/completions/fish RENAME ${program}.fish
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endforeach()
install(FILES packaging/completions/zsh RENAME _mpremote-bridge
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

# As in the repository, so that the links between them lead somewhere.
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md PATTERN *.svg)

install(FILES packaging/mpremote-bridge.toml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# The units name the program as it lies below /usr; below another prefix it is known at this time only.
foreach(unit mpremote-bridge.service mpremote-bridge@.service
             mpremote-bridge-rfc2217.socket mpremote-bridge-raw.socket)
  set(file ${CMAKE_CURRENT_SOURCE_DIR}/packaging/systemd/${unit})
  install(CODE "
    file(READ \"${file}\" text)
    string(REPLACE /usr/bin/ \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/\" text \"\${text}\")
    set(to \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/${unit}\")
    message(STATUS \"Installing: \$ENV{DESTDIR}\${to}\")
    file(WRITE \"\$ENV{DESTDIR}\${to}\" \"\${text}\")
    file(CHMOD \"\$ENV{DESTDIR}\${to}\" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${to}\")")
endforeach()
