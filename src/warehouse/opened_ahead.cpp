// Hands the connection over through a future.
#include "warehouse/opened_ahead.h"

#include <utility>

namespace ashore::warehouse {

OpenedAhead::OpenedAhead(ConnectOptions options) {
  std::packaged_task<base::Result<std::unique_ptr<Connection>>()> task(
      [options = std::move(options)] { return Connection::open(options); });
  opened_ = task.get_future();
  opener_ = std::jthread(std::move(task));
}

base::Result<std::unique_ptr<Connection>> OpenedAhead::take() { return opened_.get(); }

}  // namespace ashore::warehouse
