#include "swell/base/memory.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <string>
#include <vector>

namespace swell::test {
namespace {

// A system made of files.
class memory : public testing::Test {
 protected:
  memory() {
    std::string name = testing::TempDir() + "swell-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder for the test";
    root_ = name;
  }
  ~memory() override { std::filesystem::remove_all(root_); }
  void file(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  std::filesystem::path root_;
};

}  // namespace

TEST_F(memory, without_groups_it_is_what_the_system_says) {
  file("proc/meminfo", "MemTotal: 100 kB\nMemAvailable:   70 kB\nBuffers: 5 kB\n");
  EXPECT_EQ(available_memory(root_), 70 * 1024);
  EXPECT_EQ(available_memory(root_ / "nothing"), INT64_MAX / 1024 * 1024);
}

TEST_F(memory, limits_of_groups_above_count_and_files_that_can_be_dropped_do_not) {
  file("proc/meminfo", "MemAvailable: 1000000 kB\n");
  file("proc/self/cgroup", "0::/batch/job\n");
  file("sys/fs/cgroup/batch/job/memory.max", "max\n");
  file("sys/fs/cgroup/batch/memory.max", "500000\n");
  file("sys/fs/cgroup/batch/memory.current", "300000\n");
  EXPECT_EQ(available_memory(root_), 200000);
  file("sys/fs/cgroup/batch/memory.stat", "anon 200000\ninactive_file 90000\n");
  EXPECT_EQ(available_memory(root_), 290000);
  file("sys/fs/cgroup/batch/memory.current", "600000\n");
  file("sys/fs/cgroup/batch/memory.stat", "");
  EXPECT_EQ(available_memory(root_), 0);
}

TEST_F(memory, groups_of_the_first_version_are_read_inside_and_outside_containers) {
  file("proc/meminfo", "MemAvailable: 1000000 kB\n");
  file("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/box/one\n0::/\n");
  file("sys/fs/cgroup/memory/memory.limit_in_bytes", "400000\n");
  file("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000\n");
  EXPECT_EQ(available_memory(root_), 300000);
  file("sys/fs/cgroup/memory/box/one/memory.limit_in_bytes", "150000\n");
  EXPECT_EQ(available_memory(root_), 150000);
}

TEST_F(memory, this_process_is_there_and_grows) {
  const int64_t before = resident_memory();
  EXPECT_GT(before, 0);
  const std::vector<char> block(64 << 20, 1);
  EXPECT_GT(resident_memory(), before + (60 << 20));
  EXPECT_GE(peak_memory(), resident_memory() - (1 << 20));
  EXPECT_GT(available_memory(), 0);
}

}  // namespace swell::test
