namespace Cni;

/// <summary>The JSON that tells a runtime what failed: CNI specification 1.1.0, section "Error".</summary>
public static class ErrorAnswer
{
    public static byte[] Write(CniException error, string cniVersion) => JsonOutput.Write(writer =>
    {
        writer.WriteString("cniVersion"u8, cniVersion);
        writer.WriteNumber("code"u8, (uint)error.Code);
        writer.WriteString("msg"u8, error.Message);
        if (!string.IsNullOrEmpty(error.Details))
            writer.WriteString("details"u8, error.Details);
    });

    /// <summary>Reads the error of a delegate; null if it wrote something else.</summary>
    /// <param name="json">Its stdout.</param>
    /// <param name="type">Its name, put before the message.</param>
    public static CniException? TryRead(ReadOnlySpan<byte> json, string type)
    {
        try
        {
            ulong code = 0;
            string message = "", details = "";
            JsonCursor cursor = new(json, $"answer of {type}");
            cursor.EnterObject();
            while (cursor.NextMember())
            {
                if (cursor.Is("code"u8))
                    code = cursor.UInt64();
                else if (cursor.Is("msg"u8))
                    message = cursor.AnyString();
                else if (cursor.Is("details"u8))
                    details = cursor.AnyString();
            }
            cursor.Finish();
            if (code == 0 && message.Length == 0)
                return null;
            // Go's library answers with 0 where a plugin gave none; reserved numbers must not be spread.
            return new CniException(
                CniErrorCodes.IsAssigned(code) ? (CniErrorCode)code : CniErrorCode.DelegateFailure,
                $"{type}: {(message.Length > 0 ? message : "failed without a message")}",
                details);
        }
        catch (CniException)
        {
            return null;
        }
    }
}
