using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

public class RoomNeededTests
{
    private const int Least = 16 * 1024;
    private const int Most = 1024 * 1024;

    [Theory]
    [InlineData(0, Least)]
    [InlineData(Least - 1, Least)]
    [InlineData(200_000, 200_000)]
    [InlineData(64 * Most, Most)]
    public void As_much_as_the_longest_row_that_failed_within_bounds(int longest, int needed)
    {
        var room = new RoomNeeded();
        room.Failed([RowOf(10), RowOf(longest), RowOf(20)]);
        room.Failed([]);

        Assert.Equal(needed, room.Bytes);
        Assert.False(room.IsShownBy([RowOf(needed - 1)]));
        Assert.True(room.IsShownBy([RowOf(needed)]));
        Assert.Equal(Least, room.Bytes);
    }

    [Fact]
    public void Rows_that_go_and_rows_without_text_show_nothing()
    {
        var room = new RoomNeeded();
        room.Failed([RowOf(10)]);

        Assert.False(room.IsShownBy([new RowChange(StateTable.Records, 1, null), new RowChange(StateTable.Answers, 1, [1L])]));
        Assert.False(room.IsShownBy([]));
    }

    private static RowChange RowOf(int bytes) => new(StateTable.Records, 1, [7L, new byte[bytes]]);
}
