using System.Text;

namespace ReliableQueue.Tests.Architecture;

/// <summary>C# with its comments and strings blanked out, so that a name in prose is not taken for a use. Code inside the holes of an interpolated string stays.</summary>
internal static class SourceText
{
    /// <summary>The code that is left; line breaks stay where they were.</summary>
    public static string CodeOf(string source)
    {
        var code = new StringBuilder(source.Length);
        var at = 0;
        while (at < source.Length)
        {
            at = Copy(source, at, code);
        }

        return code.ToString();
    }

    private static int Copy(string source, int at, StringBuilder code)
    {
        if (Starts(source, at, "//"))
        {
            return Blank(source, at, EndOr(source, source.IndexOf('\n', at)), code);
        }

        if (Starts(source, at, "/*"))
        {
            return Blank(source, at, After(source, "*/", at + 2), code);
        }

        if (source[at] == '\'')
        {
            return Blank(source, at, EndOfCharacter(source, at), code);
        }

        var quote = at;
        while (quote < source.Length && source[quote] is '$' or '@')
        {
            quote++;
        }

        if (quote >= source.Length || source[quote] != '"')
        {
            code.Append(source[at]);
            return at + 1;
        }

        return CopyString(source, at, quote, code);
    }

    private static int CopyString(string source, int start, int quote, StringBuilder code)
    {
        var quotes = Run(source, quote, '"');
        var dollars = source[start..quote].Count(character => character == '$');
        var isRaw = quotes >= 3;
        if (quotes == 2)
        {
            return Blank(source, start, quote + 2, code);
        }

        var isVerbatim = source[start..quote].Contains('@', StringComparison.Ordinal);
        var at = quote + (isRaw ? quotes : 1);
        Blank(source, start, at, code);
        while (at < source.Length)
        {
            if (source[at] == '"' && isRaw && Run(source, at, '"') >= quotes)
            {
                return Blank(source, at, at + Run(source, at, '"'), code);
            }

            if (source[at] == '"' && !isRaw)
            {
                if (!isVerbatim || !Starts(source, at, "\"\""))
                {
                    return Blank(source, at, at + 1, code);
                }

                at = Blank(source, at, at + 2, code);
            }
            else if (source[at] == '\\' && !isRaw && !isVerbatim)
            {
                at = Blank(source, at, Math.Min(at + 2, source.Length), code);
            }
            else if (source[at] == '{' && dollars > 0)
            {
                at = CopyHole(source, at, isRaw ? dollars : 1, isRaw, code);
            }
            else
            {
                at = Blank(source, at, at + 1, code);
            }
        }

        return at;
    }

    private static int CopyHole(string source, int at, int braces, bool isRaw, StringBuilder code)
    {
        var run = Run(source, at, '{');
        if (isRaw ? run < braces : run % 2 == 0)
        {
            return Blank(source, at, at + run, code);
        }

        at = Blank(source, at, at + run, code);
        var depth = 1;
        while (at < source.Length)
        {
            if (source[at] == '}' && --depth == 0)
            {
                return Blank(source, at, at + (isRaw ? braces : 1), code);
            }

            depth += source[at] == '{' ? 1 : 0;
            at = Copy(source, at, code);
        }

        return at;
    }

    private static int Blank(string source, int from, int to, StringBuilder code)
    {
        for (var at = from; at < to; at++)
        {
            code.Append(source[at] == '\n' ? '\n' : ' ');
        }

        return to;
    }

    private static int EndOfCharacter(string source, int at)
    {
        var end = at + 1;
        while (end < source.Length && source[end] != '\'' && source[end] != '\n')
        {
            end += source[end] == '\\' ? 2 : 1;
        }

        return Math.Min(end + 1, source.Length);
    }

    private static int Run(string source, int at, char character)
    {
        var end = at;
        while (end < source.Length && source[end] == character)
        {
            end++;
        }

        return end - at;
    }

    private static bool Starts(string source, int at, string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

    private static int After(string source, string text, int from) =>
        source.IndexOf(text, Math.Min(from, source.Length), StringComparison.Ordinal) is >= 0 and var index ? index + text.Length : source.Length;

    private static int EndOr(string source, int index) => index < 0 ? source.Length : index;
}
