using System.Buffers.Binary;
using System.Text;

namespace ReliableQueue.Storage;

/// <summary>
/// The checksum a row carries: a CRC-32C over its table, its number and its columns, each with its kind and length. SQLite has none of its own: a third of all
/// single-bit flips of a small file give wrong rows while its integrity check says ok.
/// </summary>
internal readonly record struct RowChecksum
{
    private readonly uint sum;

    private RowChecksum(uint sum) => this.sum = sum;

    /// <summary>What is stored, and compared with what is stored.</summary>
    public long Value => sum;

    /// <summary>Starts with the table and the row number, so that a row that turns up elsewhere is seen as damage.</summary>
    public static RowChecksum Of(string table, long row) => new RowChecksum(Crc32C.Empty).With(table).With(row);

    /// <summary>The checksum of a whole row, each column as SQLite gives it: a long, a string, bytes or null.</summary>
    public static long Of(string table, long row, ReadOnlySpan<object?> columns)
    {
        var checksum = Of(table, row);
        foreach (var column in columns)
        {
            checksum = column switch
            {
                long number => checksum.With(number),
                string text => checksum.With(text),
                byte[] blob => checksum.With(blob),
                null => checksum.With(default(string)),

                // Nothing else is ever written, so whatever it is, the row is damaged and the sum must not match.
                _ => checksum.With('X', []),
            };
        }

        return checksum.Value;
    }

    /// <summary>The checksum of the row with one more column.</summary>
    public RowChecksum With(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return With('I', bytes);
    }

    /// <inheritdoc cref="With(long)"/>
    public RowChecksum With(string? text)
    {
        if (text is null)
        {
            return With('N', []);
        }

        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = most <= 256 ? stackalloc byte[256] : new byte[most];
        return With('T', bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    /// <inheritdoc cref="With(long)"/>
    public RowChecksum With(ReadOnlySpan<byte> blob) => With('B', blob);

    private RowChecksum With(char kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> prefix = stackalloc byte[1 + sizeof(int)];
        prefix[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], bytes.Length);
        return new RowChecksum(Crc32C.Append(Crc32C.Append(sum, prefix), bytes));
    }
}
