using System.Text.Json;

namespace EndToEnd.Reliability;

/// <summary>What a call through <see cref="Caller"/> came to.</summary>
/// <param name="Status">The wait status; -1: it did not end in time.</param>
/// <param name="Calls">The system calls of all its threads, if they were counted.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record CallResult(int Status, long Calls, string Output, string Error)
{
    public bool HasSucceeded => Status == 0;

    public bool HasTimedOut => Status == -1;

    public bool WasKilled => Status == 9;

    /// <summary>The code of the error that standard output tells; null if it tells none, as for a success.</summary>
    public int? Code
    {
        get
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(Output);
                JsonElement error = document.RootElement;
                return error.GetProperty("msg").ValueKind == JsonValueKind.String ? error.GetProperty("code").GetInt32() : null;
            }
            catch (Exception no) when (no is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                return null;
            }
        }
    }

    /// <summary>The addresses of an ADD's result, without their lengths.</summary>
    public IReadOnlyList<string> Addresses
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse(Output);
            return document.RootElement.TryGetProperty("ips", out JsonElement ips)
                ? [.. ips.EnumerateArray().Select(static ip => ip.GetProperty("address").GetString()!.Split('/')[0])]
                : [];
        }
    }

    public override string ToString() => $"wait status {Status:x}: {Output.Trim()} {Error.Trim()}".TrimEnd();
}
