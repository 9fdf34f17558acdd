# The Debian package that cpack makes; scripts/package calls it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "mpremote-bridge developers <mpremote-bridge@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "MicroPython REPL as a serial port on the network")
set(CPACK_PACKAGE_DESCRIPTION
"mpremote-bridge runs the unix port of MicroPython as if it were a board
on a serial port, and offers that port by RFC 2217, as a plain TCP socket
and as a serial device of the same machine. mpremote, pyserial, Thonny,
telnet and others work with it as with real hardware.
.
mpremote-attach makes a serial device of such a port on another machine.
.
MicroPython itself is not part of this package.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# With pipx come mpremote and a MicroPython; Debian 12 has neither.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "micropython (>= 1.27), pipx")

set(packaging ${CMAKE_CURRENT_SOURCE_DIR}/packaging/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${packaging}/postinst ${packaging}/prerm ${packaging}/postrm ${packaging}/conffiles)
set(CPACK_PRE_BUILD_SCRIPTS ${packaging}/tidy.cmake)
include(CPack)
