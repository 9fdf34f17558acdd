#include "base/error.hpp"

#include <boost/throw_exception.hpp>

#include <stdexcept>
#include <system_error>

namespace mpbridge::base {

Error system_error(std::string_view what, int error_number) {
    return {std::string(what) + ": " + std::generic_category().message(error_number)};
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    boost::throw_exception(std::runtime_error(error.message), where);
}

} // namespace mpbridge::base
