#include "swell/io/image_set.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "swell/base/errors.h"
#include "swell/io/image_folder.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/io/test_folder.h"

namespace swell::test {

namespace {

namespace fs = std::filesystem;
using Shape = std::vector<int64_t>;
using Values = std::vector<double>;

}  // namespace

class image_set : public testing::Test {
 protected:
  void png(const std::string& name, int width, int height, std::vector<uint8_t> pixels) const {
    fs::create_directories((folder_ / name).parent_path());
    const int channels = static_cast<int>(pixels.size()) / (width * height);
    write_png(folder_ / name, {width, height, channels, std::move(pixels)});
  }
  void text(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  void npy(const std::string& name, const Shape& shape, const Values& values) const {
    write_npy(folder_ / name, shape, values);
  }
  ImageSet read(const std::string& images, const ImageOptions& options = {}) const {
    return read_image_set(folder_ / images, {}, options);
  }
  ImageSet labelled(const std::string& images, const std::string& labels) const {
    return read_image_set(folder_ / images, folder_ / labels, {});
  }
  static Values levels(const ImageSet& set) {
    Values values;
    for (int64_t k = 0; k < set.images() * set.pixel_count(); ++k) values.push_back(set.level(k));
    return values;
  }
  static std::string notes(const ImageSet& set) {
    std::string all;
    for (const std::string& note : set.notes) all += note + "\n";
    return all;
  }

  TestFolder folder_;
};

TEST_F(image_set, folder_of_pngs_is_read_in_natural_order) {
  png("all/10.png", 2, 1, {30, 40});
  png("all/2.png", 2, 1, {10, 20});
  png("all/B.PNG", 2, 1, {50, 50, 50, 255, 0, 0});
  text("all/notes.txt", "hello");
  text("all/.hidden.png", "not looked at");
  const ImageSet set = read("all");
  EXPECT_EQ(set.shape, (Shape{1, 2}));
  EXPECT_EQ(set.bytes, (std::vector<uint8_t>{10, 20, 30, 40, 50, 76}));  // 0.299 * 255 = 76.2
  EXPECT_TRUE(set.labels.empty());
  EXPECT_TRUE(contains(notes(set), "1 of 3 images: colour became gray"));
  EXPECT_TRUE(contains(notes(set), "1 other file in the folder left out (notes.txt)"));
  EXPECT_EQ(read("all/2.png").bytes, (std::vector<uint8_t>{10, 20}));
}

TEST_F(image_set, subfolders_are_classes) {
  png("pets/dog/a.png", 1, 1, {1});
  png("pets/cat/b.png", 1, 1, {2});
  png("pets/cat/a.png", 1, 1, {3});
  const ImageSet set = read("pets");
  EXPECT_EQ(set.bytes, (std::vector<uint8_t>{3, 2, 1}));
  EXPECT_EQ(set.labels, (std::vector<int>{0, 0, 1}));
  EXPECT_TRUE(contains(notes(set), "classes by subfolder: 0 = cat, 1 = dog"));
  png("digits/10/a.png", 1, 1, {1});
  png("digits/7/b.png", 1, 1, {2});
  EXPECT_EQ(read("digits").labels, (std::vector<int>{7, 10}));
}

TEST_F(image_set, parts_for_training_and_test_are_told_apart) {
  png("set/train/0/a.png", 1, 1, {1});
  png("set/test/0/a.png", 1, 1, {2});
  EXPECT_EQ(read("set").bytes, std::vector<uint8_t>{1});
  ImageOptions test;
  test.training = false;
  EXPECT_EQ(read("set", test).bytes, std::vector<uint8_t>{2});
}

TEST_F(image_set, folders_that_hold_no_set_are_refused) {
  png("sizes/a.png", 2, 1, {1, 2});
  png("sizes/b.png", 1, 2, {1, 2});
  EXPECT_TRUE(contains(error_of<InputError>([&] { read("sizes"); }), "b.png has 2 x 1 pixels"));
  fs::create_directories(folder_ / "empty");
  EXPECT_TRUE(contains(error_of([&] { read("empty"); }), "holds no PNG image"));
  text("empty/photo.jpg", "\xff\xd8\xff");
  EXPECT_TRUE(contains(error_of([&] { read("empty"); }), "photo.jpg is to be converted to PNG first"));
  png("mixed/a.png", 1, 1, {1});
  png("mixed/0/b.png", 1, 1, {1});
  EXPECT_TRUE(contains(error_of<InputError>([&] { read("mixed"); }), "both itself and in"));
  png("gap/0/b.png", 1, 1, {1});
  fs::create_directories(folder_ / "gap/1");
  EXPECT_TRUE(contains(error_of([&] { read("gap"); }), "gap/1 holds no PNG image"));
  text("fake.png", "GIF89a");
  EXPECT_TRUE(contains(error_of([&] { read("fake.png"); }), "fake.png: no images (it starts like a GIF image)"));
}

TEST_F(image_set, arrays_of_bytes_and_numbers_agree) {
  npy("bytes.npy", {2, 1, 2}, {0, 51, 102, 255});
  npy("unit.npy", {2, 1, 2}, {0, 0.2, 0.4, 1});
  npy("signed.npy", {2, 1, 2}, {-1, -0.6, -0.2, 1});
  npy("wide.npy", {2, 1, 2}, {0, 13107, 26214, 65535});
  for (const char* name : {"bytes.npy", "unit.npy", "signed.npy", "wide.npy"}) {
    const ImageSet set = read(name);
    EXPECT_EQ(set.shape, (Shape{1, 2}));
    EXPECT_EQ(set.images(), 2);
    const Values got = levels(set), expected{0, 0.2, 0.4, 1};
    for (size_t k = 0; k < 4; ++k) EXPECT_NEAR(got[k], expected[k], 1e-12) << name;
  }
}

TEST_F(image_set, white_can_be_named) {
  npy("sixteen.npy", {1, 1, 2}, {8, 16});
  EXPECT_TRUE(contains(notes(read("sixteen.npy")), "white at 16"));
  ImageOptions options;
  options.white = 16;
  EXPECT_EQ(levels(read("sixteen.npy", options)), (Values{0.5, 1}));
  options.white = 10;
  EXPECT_TRUE(contains(error_of<InputError>([&] { read("sixteen.npy", options); }), "values from 8 to 16"));
  npy("odd.npy", {1, 1, 2}, {-3, 16});
  EXPECT_TRUE(contains(error_of<InputError>([&] { read("odd.npy"); }), "values from -3 to 16"));
  npy("nan.npy", {1, 1, 2}, {NAN, 1});
  EXPECT_TRUE(contains(error_of<InputError>([&] { read("nan.npy"); }), "holds nan"));
}

TEST_F(image_set, extents_are_told_by_the_images_wanted) {
  ImageOptions options;
  options.shape = {2, 2};
  npy("flat.npy", {1, 4}, {0, 1, 1, 0});
  EXPECT_EQ(read("flat.npy", options).shape, (Shape{2, 2}));
  npy("single.npy", {2, 2}, {0, 1, 1, 0});
  EXPECT_EQ(read("single.npy", options).images(), 1);
  npy("channel.npy", {1, 1, 2, 2}, {0, 1, 1, 0});
  EXPECT_EQ(read("channel.npy", options).shape, (Shape{2, 2}));
  // Red, green, blue and white pixels, channels last and first.
  npy("last.npy", {1, 2, 2, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1});
  npy("first.npy", {1, 3, 2, 2}, {1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1});
  for (const char* name : {"last.npy", "first.npy"}) {
    const Values got = levels(read(name, options)), expected{0.299, 0.587, 0.114, 1};
    for (size_t k = 0; k < 4; ++k) EXPECT_NEAR(got[k], expected[k], 1e-12) << name;
  }
  npy("labels.npy", {5}, {1, 2, 3, 4, 5});
  EXPECT_TRUE(contains(error_of([&] { read("labels.npy"); }), "are these labels?"));
}

TEST_F(image_set, transposed_images_are_turned) {
  npy("t.npy", {1, 3, 2}, {0, 0.1, 0.2, 0.3, 0.4, 1});
  ImageOptions options;
  options.transpose = true;
  const ImageSet set = read("t.npy", options);
  EXPECT_EQ(set.shape, (Shape{2, 3}));
  EXPECT_EQ(levels(set), (Values{0, 0.2, 0.4, 0.1, 0.3, 1}));
  npy("emnist-letters.npy", {1, 1, 2}, {0, 1});
  EXPECT_TRUE(contains(notes(read("emnist-letters.npy")), "transposing turns them"));
}

TEST_F(image_set, archives_have_images_and_labels) {
  const auto images = encode_npy(Shape{2, 1, 2}, Values{0, 51, 102, 255}),
             labels = encode_npy(Shape{2, 1}, Values{3, 4}), test = encode_npy(Shape{1, 1, 2}, Values{255, 0}),
             seven = encode_npy(Shape{1}, Values{7});
  write_file_atomically(
      folder_ / "set.npz",
      stored_zip({{"x_test.npy", test}, {"x_train.npy", images}, {"y_train.npy", labels}, {"y_test.npy", seven}}));
  EXPECT_EQ(read("set.npz").labels, (std::vector<int>{3, 4}));
  ImageOptions options;
  options.training = false;
  EXPECT_EQ(read("set.npz", options).labels, std::vector<int>{7});
  EXPECT_TRUE(read("set.npz:x_test").labels.empty());
  const std::string path = (folder_ / "set.npz").string();
  using Split = std::pair<fs::path, std::optional<fs::path>>;
  EXPECT_EQ(split_images(path + ":x_train:y_train"), (Split{path + ":x_train", path + ":y_train"}));
  EXPECT_EQ(split_images(path + ":x_train"), (Split{path + ":x_train", {}}));
  npy("l.npy", {2}, {0, 1});
  EXPECT_EQ(split_images(path + ":" + (folder_ / "l.npy").string()), (Split{path, folder_ / "l.npy"}));
  EXPECT_EQ(split_images("no.idx:nowhere.idx"), (Split{"no.idx", "nowhere.idx"}));
}

// QMNIST's labels: tables of eight whole numbers, the class first.
TEST_F(image_set, labels_of_many_kinds_are_read) {
  npy("i.npy", {2, 1, 2}, {0, 1, 1, 0});
  npy("l.npy", {2, 1}, {3, 4});
  EXPECT_EQ(labelled("i.npy", "l.npy").labels, (std::vector<int>{3, 4}));
  npy("hot.npy", {2, 3}, {0, 0, 1, 1, 0, 0});
  EXPECT_EQ(labelled("i.npy", "hot.npy").labels, (std::vector<int>{2, 0}));
  text("l.csv", "label\n5\n6\n");
  EXPECT_EQ(labelled("i.npy", "l.csv").labels, (std::vector<int>{5, 6}));
  std::string table("\0\0\x0c\2\0\0\0\2\0\0\0\x08", 12);
  for (int k = 0; k < 16; ++k) table += std::string("\0\0\0", 3) + static_cast<char>(k % 8 == 0 ? 7 + k / 8 : 99);
  text("qmnist", table);
  EXPECT_EQ(labelled("i.npy", "qmnist").labels, (std::vector<int>{7, 8}));
  npy("half.npy", {2}, {0.5, 1});
  EXPECT_TRUE(contains(error_of<InputError>([&] { labelled("i.npy", "half.npy"); }), "label 0 of"));
  npy("three.npy", {3}, {0, 1, 2});
  EXPECT_TRUE(contains(error_of([&] { labelled("i.npy", "three.npy"); }), "one label for each of the 2 images"));
}

TEST_F(image_set, tables_have_a_row_for_each_image) {
  ImageOptions options;
  options.shape = {1, 2};
  text("plain.csv", "0,51\n102,255\n");
  EXPECT_TRUE(read("plain.csv", options).labels.empty());
  text("first.csv", "7,0,51\n8,102,255\n");
  EXPECT_EQ(read("first.csv", options).labels, (std::vector<int>{7, 8}));
  EXPECT_EQ(levels(read("first.csv", options)), (Values{0, 0.2, 0.4, 1}));
  EXPECT_EQ(read("first.csv", options).shape, (Shape{1, 2}));
  text("named.csv", "a,b,class\n0,51,7\n102,255,8\n");
  EXPECT_EQ(read("named.csv").labels, (std::vector<int>{7, 8}));
  options.labels = LabelColumn::last;
  text("last.csv", "0,51,7\n102,255,8\n");
  EXPECT_EQ(read("last.csv", options).labels, (std::vector<int>{7, 8}));
  options.labels = LabelColumn::none;
  EXPECT_EQ(read("last.csv", options).pixel_count(), 3);
}

TEST(image_folder, natural_order_knows_numbers) {
  EXPECT_TRUE(natural_order("2", "10"));
  EXPECT_TRUE(natural_order("a2b", "a10a"));
  EXPECT_FALSE(natural_order("a10", "a9"));
  EXPECT_TRUE(natural_order("a", "a1"));
  EXPECT_FALSE(natural_order("b1", "a2"));
  EXPECT_TRUE(natural_order("01", "1") != natural_order("1", "01"));
  EXPECT_FALSE(natural_order("7", "7"));
}

}  // namespace swell::test
